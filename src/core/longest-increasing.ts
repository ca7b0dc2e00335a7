/**
 * Indices of one longest increasing subsequence of distinct numbers, in order: what may stay in place when the rest
 * moves. Patience sorting, O(n log n).
 */
export function longestIncreasing(values: readonly number[]): number[] {
  const tails: number[] = [];
  const before: number[] = [];
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[tails[middle] as number] as number) < value) low = middle + 1;
      else high = middle;
    }
    before.push(low === 0 ? -1 : (tails[low - 1] as number));
    tails[low] = index;
  }
  const longest: number[] = [];
  for (let index = tails.at(-1) ?? -1; index !== -1; index = before[index] as number) longest.push(index);
  return longest.reverse();
}
