import { applyOperation } from 'fast-json-patch/module/core.mjs';
import type { Json } from './json.ts';

/** What is done to one container under one key: the step of RFC 6902 that every operation comes down to. */
export type ContainerStep = 'add' | 'remove' | 'replace';

/**
 * Does one step of RFC 6902 to `container` itself: an array shifts, `-` appends. The caller has made sure that the
 * container is its own, and that the key is a property or an index that the step may touch.
 */
export function applyReferenceStep(container: object, step: ContainerStep, key: string, value: Json | undefined): void {
  if (Array.isArray(container)) {
    const path = `/${key}`;
    applyOperation(container, step === 'remove' ? { op: step, path } : { op: step, path, value });
    return;
  }
  const properties = container as Record<string, unknown>;
  if (step === 'remove') delete properties[key];
  // A plain assignment of this key would change the prototype: here it is data.
  else if (key === '__proto__')
    Object.defineProperty(properties, key, { value, writable: true, enumerable: true, configurable: true });
  else properties[key] = value;
}
