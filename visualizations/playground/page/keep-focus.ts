/** Runs `move`, which puts elements elsewhere in the page, and gives focus and selection back to the field that had them. */
export function keepFocus(move: () => void): void {
  const focused = document.activeElement;
  const field = focused instanceof HTMLInputElement || focused instanceof HTMLTextAreaElement ? focused : null;
  const start = field?.selectionStart ?? null;
  const end = field?.selectionEnd ?? null;
  move();
  if (!(focused instanceof HTMLElement) || !focused.isConnected || document.activeElement === focused) return;
  focused.focus({ preventScroll: true });
  if (start !== null) field?.setSelectionRange(start, end);
}
