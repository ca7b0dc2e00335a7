/**
 * A name for a writer that sorts after those of all that wrote before it, so that its segments are read after theirs also
 * when the clock was set back in between: `writer`, or the same UUIDv7 with a later time.
 */
export function laterWriter(writer: string, earlier: readonly string[]): string {
  const last = earlier.reduce((highest, name) => (name > highest ? name : highest), '');
  if (writer > last) return writer;
  const time = timeOf(last);
  return time === null || timeOf(writer) === null ? `${last}~${writer}` : withTime(writer, time + 1);
}

function timeOf(uuid: string): number | null {
  const match = /^([0-9a-f]{8})-([0-9a-f]{4})-/.exec(uuid);
  return match === null ? null : Number.parseInt(`${match[1]}${match[2]}`, 16);
}

function withTime(uuid: string, ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}${uuid.slice(13)}`;
}
