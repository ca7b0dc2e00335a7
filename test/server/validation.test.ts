import { expect, test } from 'vitest';
import type { StandardResult, StandardSchemaV1 } from '../../src/ports/schema.ts';
import { startTestServer } from './support/test-server.ts';

type Note = { readonly id: string; readonly text?: unknown };
const schemaOf = (
  validate: (value: Note) => StandardResult<unknown> | Promise<StandardResult<unknown>>,
): StandardSchemaV1 => ({
  '~standard': { version: 1, vendor: 'test', validate: (value) => validate(value as Note) },
});

const textOnly = schemaOf(async (value) =>
  typeof value.text === 'string'
    ? { value: { ...value, length: value.text.length } }
    : { issues: [{ message: 'is no text', path: ['text', { key: 'a/b' }, 0] }, { message: 'whole' }] },
);

test('what the schema refuses answers 422 with the places', async () => {
  const { api } = await startTestServer({ validate: { notes: textOnly } });
  const answer = await api.create('/v1/notes/a', { text: 1 });
  expect(answer.body).toMatchObject({
    type: 'urn:syncline:problem:invalid-entity',
    status: 422,
    issues: [
      { message: 'is no text', path: '/text/a~1b/0' },
      { message: 'whole', path: '' },
    ],
  });
});

test('what the schema completes is stored and answered', async () => {
  const { api } = await startTestServer({ validate: { notes: textOnly } });
  const created = await api.create('/v1/notes/a', { text: 'four' });
  const patched = await api.patch('/v1/notes/a', 1, [{ op: 'replace', path: '/text', value: 'sixsix' }]);
  expect([created, patched].map(({ body }) => body.entity.length)).toEqual([4, 6]);
  const { body } = await api.get('/v1/changes?since=life-1.1');
  expect(body.changes).toMatchObject([{ version: 2, entity: { text: 'sixsix', length: 6 } }]);
});

test('the outcome of a patch is validated, and the stored entity stays', async () => {
  const { api } = await startTestServer({ validate: { notes: textOnly } });
  await api.create('/v1/notes/a', { text: 'one' });
  expect((await api.patch('/v1/notes/a', 1, [{ op: 'remove', path: '/text' }])).status).toBe(422);
  expect((await api.get('/v1/notes/a')).body.version).toBe(1);
});

test('validation comes after the precondition, and deletes and other collections need none', async () => {
  const { api } = await startTestServer({ validate: { notes: textOnly } });
  await api.create('/v1/notes/a', { text: 'one' });
  expect((await api.replace('/v1/notes/a', 9, { text: 1 })).status).toBe(412);
  expect((await api.remove('/v1/notes/a', 1)).status).toBe(204);
  expect((await api.create('/v1/tasks/a', { text: 1 })).status).toBe(201);
  expect((await api.create('/v1/constructor/a', { text: 1 })).status).toBe(201);
});

test.each([
  ['throws', () => Promise.reject(new Error('secret')), 503],
  ['gives another id', (value: Note) => ({ value: { ...value, id: 'b' } }), 422],
  ['gives no JSON', () => ({ value: { id: 'a', at: new Date(0) } }), 422],
])('a schema that %s stores nothing', async (_, validate, status) => {
  const { api } = await startTestServer({ validate: { notes: schemaOf(validate) } });
  const answer = await api.create('/v1/notes/a', {});
  expect([answer.status, JSON.stringify(answer.body)]).toEqual([status, expect.not.stringContaining('secret')]);
});
