import { authMachine } from '../../../machines/index.ts';
import { stimuliOf } from '../support/stimulus.ts';
import { tableOf } from '../support/table.ts';

const { event, eventFrom, done, fail } = stimuliOf<typeof authMachine>();

export const authTable = tableOf(authMachine)({
  title: 'auth',
  rules: 'S26',
  columns: {
    'request.unauthorized': {
      '401 under the current token': eventFrom('request.unauthorized', ({ generation }) => ({
        generation,
        purpose: 'write' as const,
      })),
      '401 under an older token': eventFrom('request.unauthorized', ({ generation }) => ({
        generation: generation - 1,
        purpose: 'write' as const,
      })),
    },
    'request.authorized': {
      'accepted under the current token': eventFrom('request.authorized', ({ generation, refused }) => ({
        generation,
        purpose: refused,
      })),
      'accepted for what was not refused': eventFrom('request.authorized', ({ generation, refused }) => ({
        generation,
        purpose: refused === 'write' ? ('read' as const) : ('write' as const),
      })),
      'accepted under an older token': eventFrom('request.authorized', ({ generation, refused }) => ({
        generation: generation - 1,
        purpose: refused,
      })),
    },
    'auth.renew': { 'auth.renew': event({ type: 'auth.renew' }) },
    'done refreshToken': { 'refreshToken: done': done('refreshToken', undefined) },
    'fail refreshToken': { 'refreshToken throws': fail('refreshToken') },
  },
  reach: {
    authorized: [],
    'refreshing.renewing': ['401 under the current token'],
    'refreshing.retrying': ['401 under the current token', 'refreshToken: done'],
    needsAuth: ['401 under the current token', 'refreshToken throws'],
  },
  cells: {
    authorized: {
      '401 under the current token': ['refreshing.renewing', 'gate needs-auth'],
      '401 under an older token': '-',
      'accepted under the current token': '-',
      'accepted for what was not refused': '-',
      'accepted under an older token': '-',
      'auth.renew': '-',
      'refreshToken: done': 'never',
      'refreshToken throws': 'never',
    },
    'refreshing.renewing': {
      '401 under the current token': '-',
      '401 under an older token': '-',
      'accepted under the current token': '-',
      'accepted for what was not refused': '-',
      'accepted under an older token': '-',
      'auth.renew': ['again', 'gate needs-auth'],
      'refreshToken: done': ['refreshing.retrying', 'gate open'],
      'refreshToken throws': ['needsAuth', 'gate needs-auth'],
    },
    'refreshing.retrying': {
      '401 under the current token': ['needsAuth', 'gate needs-auth'],
      '401 under an older token': '-',
      'accepted under the current token': 'authorized',
      'accepted for what was not refused': '-',
      'accepted under an older token': '-',
      'auth.renew': ['refreshing.renewing', 'gate needs-auth'],
      'refreshToken: done': 'never',
      'refreshToken throws': 'never',
    },
    needsAuth: {
      '401 under the current token': '-',
      '401 under an older token': '-',
      'accepted under the current token': '-',
      'accepted for what was not refused': '-',
      'accepted under an older token': '-',
      'auth.renew': ['refreshing.renewing', 'gate needs-auth'],
      'refreshToken: done': 'never',
      'refreshToken throws': 'never',
    },
  },
});
