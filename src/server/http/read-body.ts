import type { Json } from '../../core/json.ts';
import { fail, ProblemError } from '../problem.ts';

/** An entity may have 64 levels; a batch wraps it in a few more. */
const depthMax = 64 + 8;

/**
 * The JSON of a request's body. Fails with 415 for another content type, 413 above `bytesMax` (without reading
 * further), 400 for what is not UTF-8 or not JSON, and 503 when the connection breaks before its end.
 */
export async function readJsonBody(request: Request, mediaTypes: readonly string[], bytesMax: number): Promise<Json> {
  const mediaType = (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!mediaTypes.includes(mediaType)) {
    fail('unsupported-media-type', { detail: `Send ${mediaTypes.join(' or ')}.` });
  }
  if (request.headers.has('content-encoding'))
    fail('unsupported-media-type', { detail: 'Send the body without encoding.' });
  const text = decode(await readBytes(request, bytesMax));
  if (isTooDeep(text)) fail('too-large', { detail: `The body is nested deeper than ${depthMax} levels.` });
  try {
    return JSON.parse(text) as Json;
  } catch {
    return fail('malformed-request', { detail: 'The body is not JSON.' });
  }
}

async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  const tooLarge = { detail: `A body may have ${bytesMax} bytes.` };
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) fail('too-large', tooLarge);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request.body ?? []) {
      length += chunk.byteLength;
      if (length > bytesMax) fail('too-large', tooLarge);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    return fail('unavailable', { detail: 'The body did not arrive whole.' });
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fail('malformed-request', { detail: 'The body is not UTF-8.' });
  }
}

/** Looked at before parsing, so that no recursion ever sees a deep value. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) {
      inString = true;
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
    }
  }
  return false;
}
