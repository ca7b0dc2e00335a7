import { caretAfter } from './caret.ts';

type Field = HTMLInputElement | HTMLTextAreaElement;

export interface BoundField {
  /** Shows a value from the store. Focus, caret and an unfinished composition of an input method are left alone. */
  show(value: string): void;
}

/** Writes every keystroke of a field at once, and shows in it what the store says. */
export function bindField(field: Field, write: (value: string) => void): BoundField {
  let composing = false;
  let latest = field.value;

  const show = (value: string) => {
    latest = value;
    if (composing || field.value === value) return;
    const { value: before, selectionStart, selectionEnd, selectionDirection } = field;
    field.value = value;
    if (selectionStart === null || selectionEnd === null || document.activeElement !== field) return;
    field.setSelectionRange(
      caretAfter(before, value, selectionStart),
      caretAfter(before, value, selectionEnd),
      selectionDirection ?? 'none',
    );
  };

  field.addEventListener('input', () => write(field.value));
  field.addEventListener('compositionstart', () => {
    composing = true;
  });
  field.addEventListener('compositionend', () => {
    composing = false;
    show(latest);
  });
  return { show };
}
