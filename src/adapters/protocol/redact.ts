const replacement = '[token]';
const maxLength = 1_000;

/** The text without the token, at most 1,000 characters of it. */
export function redact(text: string, token: string | null): string {
  const clean = token === null ? text : text.replaceAll(token, replacement);
  return clean.length > maxLength ? `${clean.slice(0, maxLength)}…` : clean;
}
