import { BadResponseError } from '../../core/errors.ts';
import { guarded } from './guarded.ts';
import { discard } from './response.ts';

/** The body as text. Throws `BadResponseError` as soon as it is longer than `maxBytes`, and as {@link guarded} does. */
export async function readText(
  response: Response,
  maxBytes: number,
  attempt: { readonly token: string | null; readonly signal: AbortSignal },
): Promise<string> {
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    discard(response);
    throw tooLong(response, maxBytes);
  }
  const text = await guarded(async () => readWithin(response, maxBytes), attempt);
  if (text === null) throw tooLong(response, maxBytes);
  return text;
}

async function readWithin({ body }: Response, maxBytes: number): Promise<string | null> {
  if (body === null) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}

function tooLong({ status }: Response, maxBytes: number): BadResponseError {
  return new BadResponseError(
    `The answer is longer than ${maxBytes} bytes. Ask for less at once: pullLimit, batchSize, or maxAnswerBytes where the client has it.`,
    { status },
  );
}
