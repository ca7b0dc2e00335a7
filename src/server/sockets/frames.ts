import { isObject, type Json, type JsonObject } from '../../core/json.ts';

/** A channel as a client asks for it: a collection, or one entity of it. */
export interface WantedChannel {
  readonly channel: string;
  readonly cursor: string | null;
}

/** A frame from a client. `unknown`: of a type this server does not know. */
export type ClientFrame =
  | {
      readonly type: 'hello';
      readonly token: string | null;
      readonly clientId: string;
      readonly epoch: string | null;
      readonly channels: readonly WantedChannel[];
    }
  | { readonly type: 'subscribe' | 'unsubscribe'; readonly channels: readonly WantedChannel[] }
  | { readonly type: 'auth'; readonly token: string }
  | { readonly type: 'ping' | 'pong' | 'unknown' };

/** Reads a text frame; null when it is malformed. */
export function parseFrame(text: string): ClientFrame | null {
  const frame = parseObject(text);
  switch (frame?.['type']) {
    case 'hello':
      return readHello(frame);
    case 'subscribe':
    case 'unsubscribe': {
      const channels = readChannels(frame['channels']);
      return channels === null ? null : { type: frame['type'], channels };
    }
    case 'auth':
      return typeof frame['token'] === 'string' ? { type: 'auth', token: frame['token'] } : null;
    case 'ping':
    case 'pong':
      return { type: frame['type'] };
    default:
      return typeof frame?.['type'] === 'string' ? { type: 'unknown' } : null;
  }
}

function readHello({ token = null, clientId, epoch = null, channels = [] }: JsonObject): ClientFrame | null {
  const wanted = readChannels(channels);
  const isWellFormed =
    typeof clientId === 'string' &&
    clientId.length > 0 &&
    clientId.length <= 255 &&
    isTextOrNull(token) &&
    isTextOrNull(epoch);
  return isWellFormed && wanted !== null ? { type: 'hello', token, clientId, epoch, channels: wanted } : null;
}

function readChannels(value: Json | undefined): readonly WantedChannel[] | null {
  if (!Array.isArray(value)) return null;
  const channels = (value as readonly Json[]).map(readChannel);
  return channels.every((channel) => channel !== null) ? channels : null;
}

function readChannel(value: Json): WantedChannel | null {
  if (typeof value === 'string') return { channel: value, cursor: null };
  if (!isObject(value)) return null;
  const { channel, cursor = null } = value;
  return typeof channel === 'string' && isTextOrNull(cursor) ? { channel, cursor } : null;
}

function parseObject(text: string): JsonObject | null {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

const isTextOrNull = (value: Json): value is string | null => value === null || typeof value === 'string';
