import { toChangeJson, toPatchJson, toRemovalJson, type ChangeJson } from '../change-json.ts';
import type { StoredChange } from '../ports/store.ts';

/** `patch`: for a receiver that holds the base; the same as `whole` where no patch is smaller. */
export type ChangeForm = 'whole' | 'patch' | 'removal';

/** The JSON text of a change without its opening brace and its cursor, made once for all receivers. */
export type FormatChange = (change: StoredChange, form: ChangeForm) => string;

/** Formats changes of the feed; texts are forgotten with their changes. */
export function createChangeFormat(): FormatChange {
  const texts = new WeakMap<StoredChange, Map<ChangeForm, string>>();

  const toJson = (change: StoredChange, form: ChangeForm): ChangeJson => {
    if (form === 'removal') return toRemovalJson(change);
    const isPatch = form === 'patch' && change.patch !== null && isSmaller(change.patch, change.entity);
    return isPatch ? toPatchJson(change, change.patch) : toChangeJson(change);
  };

  return (change, form) => {
    const known = texts.get(change) ?? new Map<ChangeForm, string>();
    const text = known.get(form) ?? JSON.stringify(toJson(change, form)).slice(1);
    texts.set(change, known.set(form, text));
    return text;
  };
}

const isSmaller = (patch: unknown, entity: unknown): boolean =>
  JSON.stringify(patch).length < JSON.stringify(entity).length;
