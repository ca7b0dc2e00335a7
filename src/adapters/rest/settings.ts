import { invalidOption } from '../../core/option-checks.ts';
import { assertCollection } from '../../core/entity-input.ts';
import type { TokenProvider } from '../../ports/token.ts';
import { collectionOptionNames, readCollectionSettings, type RestCollection } from './collection-settings.ts';
import type { RestApiClientOptions, RestCollectionOptions } from './options.ts';
import { checkHeaderName, checkNames, checkPath, readWhole } from './option-checks.ts';

/** The options with their defaults, checked. */
export interface RestSettings {
  collection(name: string): RestCollection;
  /** Whether any collection has a list. */
  readonly hasLists: boolean;
  readonly token: TokenProvider | undefined;
  headers(): Record<string, string> | Promise<Record<string, string>>;
  readonly idempotencyHeader: string | null;
  readonly sign: { readonly header: string; readonly value?: string } | null;
  readonly probe: string | null;
  readonly maxAnswerBytes: number;
}

const names = {
  ...collectionOptionNames,
  baseUrl: true,
  collections: true,
  token: true,
  headers: true,
  idempotencyHeader: true,
  sign: true,
  probe: true,
  maxAnswerBytes: true,
  fetch: true,
  clock: true,
} satisfies Record<keyof RestApiClientOptions, true>;

/** Reads the options. Throws {@link SyncError} `invalid-option` that names the option, or `invalid-collection`. */
export function readRestSettings(options: RestApiClientOptions): RestSettings {
  checkNames('', options, names);
  if (typeof options.baseUrl !== 'string') throw invalidOption('baseUrl', 'needs the address of the API');
  checkHeaderName('idempotencyHeader', options.idempotencyHeader);
  for (const name of ['token', 'fetch'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw invalidOption(name, 'needs a function');
  }
  if (options.probe !== undefined) {
    checkPath('probe', options.probe, []);
    if (typeof options.probe !== 'string') throw invalidOption('probe', 'needs a path');
  }
  const otherwise = readCollectionSettings((option) => option, options);
  const byName = new Map(
    Object.entries(options.collections ?? {}).map(([name, own]) => [name, readOwn(name, own, options)]),
  );
  return {
    collection: (name) => byName.get(name) ?? otherwise,
    hasLists: otherwise.list !== null || [...byName.values()].some(({ list }) => list !== null),
    token: options.token,
    headers: readHeaders(options.headers),
    idempotencyHeader: options.idempotencyHeader ?? null,
    sign: readSign(options.sign),
    probe: options.probe ?? null,
    maxAnswerBytes: readWhole('maxAnswerBytes', options.maxAnswerBytes, [1, Number.MAX_SAFE_INTEGER], 32 * 1024 * 1024),
  };
}

function readOwn(name: string, own: RestCollectionOptions, common: RestCollectionOptions): RestCollection {
  assertCollection(name);
  checkNames(`collections.${name}`, own, collectionOptionNames);
  const list =
    typeof own.list === 'object' && typeof common.list === 'object' ? { ...common.list, ...own.list } : own.list;
  const merged = { ...common, ...own, ...(list === undefined ? {} : { list }) };
  return readCollectionSettings((option) => `collections.${name}.${option}`, merged);
}

function readHeaders(headers: RestApiClientOptions['headers']): RestSettings['headers'] {
  if (typeof headers === 'function') return headers;
  const fixed = { ...headers };
  try {
    new Headers(fixed);
  } catch {
    throw invalidOption('headers', 'needs names and values that HTTP can carry');
  }
  return () => fixed;
}

function readSign(sign: RestApiClientOptions['sign']): RestSettings['sign'] {
  if (sign === undefined) return null;
  checkNames('sign', sign, { header: true, value: true });
  if (sign.header === undefined) throw invalidOption('sign.header', 'needs the name of a header');
  checkHeaderName('sign.header', sign.header);
  return sign;
}
