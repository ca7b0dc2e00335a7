import type { RemoteChange } from '../../core/record.ts';
import { isObject } from '../../core/json.ts';
import { readWireChange } from '../protocol/wire-change.ts';

/** What a frame of the backend says. `unreadable` may have been anything, a change too. */
export type InboundFrame =
  | { readonly type: 'welcome'; readonly epoch: string | null; readonly heartbeatMs: number; readonly maxBytes: number }
  | {
      readonly type: 'change';
      readonly seq: number | null;
      readonly prev: number | null;
      readonly change: RemoteChange;
    }
  /** `problem` is unchecked. */
  | { readonly type: 'error'; readonly channel: string; readonly problem: unknown }
  | { readonly type: 'poke' | 'resync' | 'ping' | 'ignored' | 'unreadable' };

type Fields = { readonly [key: string]: unknown };

const unreadable: InboundFrame = { type: 'unreadable' };
const defaults = { heartbeatMs: 30_000, maxBytes: 65_536 };

/** Reads one text frame. Never throws; a type that is not known is `ignored`. */
export function readFrame(text: string): InboundFrame {
  const fields = parse(text);
  if (fields === null) return unreadable;
  const { type } = fields;
  switch (type) {
    case 'welcome':
      return readWelcome(fields);
    case 'change':
      return readChangeFrame(fields);
    case 'error':
      return readError(fields);
    case 'poke':
    case 'resync':
    case 'ping':
      return { type };
    default:
      return typeof type === 'string' ? { type: 'ignored' } : unreadable;
  }
}

function parse(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function readWelcome({ sessionId, epoch, heartbeatMs, maxBytes }: Fields): InboundFrame {
  if (typeof sessionId !== 'string') return unreadable;
  return {
    type: 'welcome',
    epoch: typeof epoch === 'string' && epoch !== '' ? epoch : null,
    heartbeatMs: between(1_000, heartbeatMs, 300_000) ?? defaults.heartbeatMs,
    maxBytes: between(4_096, maxBytes, defaults.maxBytes) ?? defaults.maxBytes,
  };
}

/** One that names no channel changes nothing of what is followed. */
function readError({ channel, problem }: Fields): InboundFrame {
  return typeof channel === 'string' ? { type: 'error', channel, problem } : { type: 'ignored' };
}

function between(min: number, value: unknown, max: number): number | null {
  return typeof value === 'number' && value > 0 ? Math.min(Math.max(value, min), max) : null;
}

function readChangeFrame(fields: Fields): InboundFrame {
  try {
    const change = readWireChange(fields);
    return { type: 'change', seq: readNumber(fields['seq']), prev: readNumber(fields['prev'] ?? undefined), change };
  } catch {
    return unreadable;
  }
}

function readNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
