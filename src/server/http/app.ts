import { Hono } from 'hono';
import { SyncError } from '../../core/errors.ts';
import type { Access } from '../access.ts';
import { createProblem, fail, ProblemError } from '../problem.ts';
import type { RateLimit } from '../rate-limit.ts';
import { answerJson, answerProblem } from './answers.ts';
import { addBatchRoute } from './batch-route.ts';
import type { RequestVariables, RouteContext } from './context.ts';
import type { Cors } from './cors.ts';
import { addEntityRoutes } from './entity-routes.ts';
import { addFeedRoutes } from './feed-routes.ts';

const nonceLengthMax = 256;

/** The HTTP side of the protocol on the Fetch API. */
export function createApp(
  context: RouteContext & {
    readonly cors: Cors;
    readonly rateLimit: RateLimit;
    readonly now: () => number;
    readonly reportFailure: (error: unknown) => void;
  },
): (request: Request) => Promise<Response> {
  const { store, access, cors, rateLimit, now } = context;
  const app = new Hono<RequestVariables>();

  app.get('/v1/health', (call) => {
    const nonce = (call.req.query('nonce') ?? '').slice(0, nonceLengthMax);
    return answerJson({ nonce, epoch: store.epoch, protocol: 'sync.v1' });
  });
  app.use('/v1/*', async (call, next) => {
    const principal = await identify(access, call.req.raw);
    const waitS = rateLimit.take(principal.id);
    if (waitS !== null) fail('rate-limited', {}, waitS);
    call.set('principal', principal);
    await next();
  });
  addFeedRoutes(app, context);
  addBatchRoute(app, context);
  addEntityRoutes(app, context);
  addMethodRefusals(app);
  app.notFound(() => answerProblem(createProblem('not-found')));
  app.onError((error) => {
    if (error instanceof ProblemError) return answerProblem(error.problem, error.retryAfterS);
    if (error instanceof SyncError && error.code === 'closed') return answerProblem(createProblem('unavailable'));
    context.reportFailure(error);
    return answerProblem(createProblem('internal'));
  });

  return async (request) => {
    const answer = cors.preflight(request) ?? (await app.fetch(request));
    const headers = new Headers(answer.headers);
    headers.set('sync-protocol', '1');
    headers.set('sync-epoch', store.epoch);
    headers.set('date', new Date(now()).toUTCString());
    headers.set('x-content-type-options', 'nosniff');
    cors.expose(request, headers);
    return new Response(answer.body, { status: answer.status, headers });
  };
}

async function identify(access: Access, request: Request) {
  const [, token = null] = /^bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  return (await access.identify(token, request)) ?? fail('unauthorized');
}

function addMethodRefusals(app: Hono<RequestVariables>): void {
  const refuse = (allowed: string) => () => {
    const answer = answerProblem(createProblem('method-not-allowed'));
    answer.headers.set('allow', allowed);
    return answer;
  };
  for (const path of ['/v1/health', '/v1/changes', '/v1/snapshot']) app.all(path, refuse('GET, HEAD'));
  app.all('/v1/batch', refuse('POST'));
  app.all('/v1/:collection/:id', refuse('GET, HEAD, PUT, PATCH, DELETE'));
}
