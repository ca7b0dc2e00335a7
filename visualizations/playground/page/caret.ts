/** Where a caret at `offset` in `before` belongs once the text is `after`: it stays with the characters around it. */
export function caretAfter(before: string, after: string, offset: number): number {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  if (offset <= head) return offset;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const fromEnd = before.length - offset;
  return fromEnd <= tail ? after.length - fromEnd : after.length - tail;
}
