import { MisconfiguredError } from '../../core/errors.ts';

/** Values of a template's variables. Null: there is none yet. */
export type PathValues = Readonly<Record<string, string | number | null>>;

const variable = /\{([^{}]*)\}/g;

/** The names of the variables in a path template such as `/users/{id}?limit={limit}`. */
export function variablesOf(template: string): readonly string[] {
  return [...template.matchAll(variable)].map(([, name]) => name ?? '');
}

/** The path with its variables percent-encoded. A query parameter one of whose variables has no value is left out. */
function fillTemplate(template: string, values: PathValues): string {
  const [path = '', ...queries] = template.split('?');
  const filled = fill(path, values);
  const parameters = queries
    .join('?')
    .split('&')
    .filter((parameter) => parameter !== '' && variablesOf(parameter).every((name) => (values[name] ?? null) !== null))
    .map((parameter) => fill(parameter, values));
  return parameters.length === 0 ? filled : `${filled}?${parameters.join('&')}`;
}

function fill(text: string, values: PathValues): string {
  return text.replaceAll(variable, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}

/** What fills a path in, from a template or a function. What a function gives must begin with `/`, else `misconfigured`. */
export function pathFiller<V>(path: string | ((values: V) => string)): (values: V) => string {
  if (typeof path === 'string') return (values) => fillTemplate(path, values as PathValues);
  return (values) => {
    const filled: unknown = path(values);
    if (typeof filled === 'string' && filled.startsWith('/')) return filled;
    throw new MisconfiguredError({ message: 'A path function has to give a path that begins with "/".' });
  };
}
