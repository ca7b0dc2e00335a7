import { patchError } from './patch-error.ts';
import { maxDepth } from './plain-json.ts';

/** What one patch may cost, so that a small hostile one can neither hang the process nor fill its memory. */
export interface PatchBudget {
  /** Charges the elements that an array shifts. */
  shift(operation: number, path: string, elements: number): void;
  /**
   * Charges the size of a value that is about to stand at `depth`, and tells of each container in it. Refuses a value
   * that would reach below the deepest level.
   */
  visit(
    operation: number,
    path: string,
    value: unknown,
    depth: number,
    onContainer?: (container: object) => void,
  ): void;
}

const maxUnits = 16 * 1024 * 1024;
const shiftedElementsPerUnit = 16;

/** The budget of one application of a patch. */
export function createPatchBudget(): PatchBudget {
  let units = 0;
  const spend = (operation: number, path: string, cost: number): void => {
    units += cost;
    if (units > maxUnits)
      throw patchError(operation, 'too-large', path, 'asks for too much work; send the whole value');
  };

  const visit: PatchBudget['visit'] = (operation, path, value, depth, onContainer) => {
    if (typeof value === 'string') spend(operation, path, value.length);
    if (typeof value !== 'object' || value === null) return;
    if (depth >= maxDepth) throw patchError(operation, 'too-large', path, `nests deeper than ${maxDepth} levels`);
    onContainer?.(value);
    if (Array.isArray(value)) {
      spend(operation, path, value.length + 1);
      for (const element of value) visit(operation, path, element, depth + 1, onContainer);
      return;
    }
    const keys = Object.keys(value);
    spend(operation, path, keys.length + 1);
    for (const key of keys) {
      spend(operation, path, key.length);
      visit(operation, path, (value as Record<string, unknown>)[key], depth + 1, onContainer);
    }
  };

  return {
    shift: (operation, path, elements) => spend(operation, path, elements / shiftedElementsPerUnit),
    visit,
  };
}
