/** How far the journals are contained: per writer, every segment up to and including this number. Absent is 0. */
export type Position = Readonly<Record<string, number>>;

/** Whether segment `number` of `writer` is contained in `position`. */
export function isCovered(position: Position, writer: string, number: number): boolean {
  return Object.hasOwn(position, writer) && number <= (position[writer] as number);
}

/** Whether everything that `inner` contains is contained in `outer`. */
export function covers(outer: Position, inner: Position): boolean {
  return Object.entries(inner).every(([writer, number]) => number === 0 || isCovered(outer, writer, number));
}
