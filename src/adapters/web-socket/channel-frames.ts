import { utf8Length } from '../../core/utf8-length.ts';
import type { RealTimeChannel } from '../../ports/real-time.ts';

/** What to send so that a connection follows other channels than before. */
export interface ChannelChange {
  readonly added: readonly RealTimeChannel[];
  readonly removed: readonly RealTimeChannel[];
}

/** Compares by name: a cursor that moved on is no change. */
export function compareChannels(before: readonly RealTimeChannel[], after: readonly RealTimeChannel[]): ChannelChange {
  const namesBefore = new Set(before.map(({ channel }) => channel));
  const namesAfter = new Set(after.map(({ channel }) => channel));
  return {
    added: after.filter(({ channel }) => !namesBefore.has(channel)),
    removed: before.filter(({ channel }) => !namesAfter.has(channel)),
  };
}

/** Parts that each fit into a frame of `maxBytes`, in order; at least one, which may be empty. */
export function splitChannels(
  channels: readonly RealTimeChannel[],
  maxBytes: number,
): readonly (readonly RealTimeChannel[])[] {
  const parts: RealTimeChannel[][] = [[]];
  let bytes = 0;
  for (const channel of channels) {
    const text = JSON.stringify(channel);
    const length = (utf8Length(text) ?? text.length * 3) + 1;
    if (bytes + length > maxBytes && bytes > 0) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(channel);
    bytes += length;
  }
  return parts;
}
