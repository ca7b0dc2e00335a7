import type { FieldPolicies } from '../core/conflict.ts';
import type { Base, ISyncEntity } from '../core/entity.ts';
import { putChange } from '../store/rebase.ts';
import type { KeptBase } from './kept-bases.ts';

/** What was shown, and what was made of it; null: nothing, or a deletion. */
export interface Form {
  readonly before: ISyncEntity | null;
  readonly after: ISyncEntity | null;
}

/** A form, and the server state that it is a change of. */
export interface OpenedForm {
  readonly on: Base;
  readonly form: Form;
}

/**
 * Nobody contradicts himself: a form is taken past the states that only our own changes led to, deletions included. `kept`:
 * the state that it was opened on and those that followed, up to the one before the newest.
 */
export function pastOwnChanges(
  kept: readonly KeptBase[],
  newest: Base,
  opened: Form,
  policies: FieldPolicies | undefined,
): OpenedForm {
  let form = opened;
  for (const [index, { base, ours }] of kept.entries()) {
    const next = kept[index + 1]?.base ?? newest;
    if (ours === null) return { on: base, form };
    const before = putForm(policies, { before: base.entity, after: form.before }, next.entity);
    form = { before, after: putForm(policies, form, before) };
  }
  return { on: newest, form };
}

/** What was changed from `before` to `after`, put over another state. What is gone on either side takes the form's word. */
export function putForm(
  policies: FieldPolicies | undefined,
  { before, after }: Form,
  view: ISyncEntity | null,
): ISyncEntity | null {
  if (!after || !view) return after;
  return putChange(policies, { before, after }, view);
}
