import { invalidOption } from '../../core/option-checks.ts';
import { readListSettings, type RestList } from './list-settings.ts';
import type { RestCollectionOptions, RestPlace, RestVersionField } from './options.ts';
import {
  checkNames,
  checkOneOf,
  checkPath,
  readMemberPointer,
  readOptionalPointer,
  readPointer,
} from './option-checks.ts';
import { pathFiller, variablesOf } from './path-template.ts';

type Tokens = readonly string[];

/** Where the version of an entity is. */
export type RestVersion =
  | { readonly kind: 'etag' }
  | { readonly kind: 'none' }
  | {
      readonly kind: 'field';
      readonly tokens: Tokens;
      readonly send: NonNullable<RestVersionField['send']>;
      readonly isOrdered: boolean;
    };

/** How one collection stands in the API, checked and complete. */
export interface RestCollection {
  path(place: RestPlace): string;
  readonly create: { readonly method: 'PUT' | 'POST'; path(place: RestPlace): string };
  readonly update: 'PUT' | 'merge-patch' | 'json-patch';
  readonly updateType: string;
  readonly envelope: Tokens;
  readonly requestEnvelope: Tokens;
  readonly id: Tokens;
  readonly hasNumericIds: boolean;
  readonly sendsId: boolean;
  readonly version: RestVersion;
  readonly updatedAt: Tokens | null;
  readonly stampsWrites: boolean;
  readonly deleted: Tokens | null;
  readonly trustsWriteAnswers: boolean;
  readonly list: RestList | null;
}

const variables = ['collection', 'id'];
const updateTypes = {
  PUT: 'application/json',
  'merge-patch': 'application/merge-patch+json',
  'json-patch': 'application/json-patch+json',
} as const;

/** The options that every collection may have. */
export const collectionOptionNames = {
  path: true,
  envelope: true,
  requestEnvelope: true,
  id: true,
  idType: true,
  sendsId: true,
  version: true,
  updatedAt: true,
  updatedAtBy: true,
  deleted: true,
  create: true,
  update: true,
  updateType: true,
  writeAnswer: true,
  list: true,
} satisfies Record<keyof RestCollectionOptions, true>;

/** Reads the options of a collection; `at` names them in what is thrown. Throws `invalid-option`. */
export function readCollectionSettings(at: (option: string) => string, options: RestCollectionOptions): RestCollection {
  const path = options.path ?? '/{collection}/{id}';
  checkPath(at('path'), path, variables);
  if (typeof path === 'string' && !variablesOf(path).includes('id'))
    throw invalidOption(at('path'), 'needs the variable {id}');
  const parent = typeof path === 'string' ? parentOf(path) : null;
  checkOneOf(at('idType'), options.idType, ['string', 'number']);
  checkOneOf(at('sendsId'), options.sendsId, [true, false]);
  checkOneOf(at('updatedAtBy'), options.updatedAtBy, ['server', 'client']);
  checkOneOf(at('update'), options.update, ['PUT', 'merge-patch', 'json-patch']);
  checkOneOf(at('writeAnswer'), options.writeAnswer, ['entity', 'ignored']);
  if (options.updateType !== undefined && !/^[\w.+-]+\/[\w.+-]+(;.*)?$/.test(options.updateType)) {
    throw invalidOption(at('updateType'), 'needs a media type');
  }
  const update = options.update ?? 'PUT';
  const updatedAt =
    options.updatedAt === null ? null : readMemberPointer(at('updatedAt'), options.updatedAt ?? '/updatedAt');
  const { list } = options;
  const settings: RestCollection = {
    path: pathFiller(path),
    create: readCreate(at('create'), options.create ?? 'PUT', path, parent),
    update,
    updateType: options.updateType ?? updateTypes[update],
    envelope: readPointer(at('envelope'), options.envelope ?? ''),
    requestEnvelope: readPointer(at('requestEnvelope'), options.requestEnvelope ?? ''),
    id: readMemberPointer(at('id'), options.id ?? '/id'),
    hasNumericIds: options.idType === 'number',
    sendsId: options.sendsId ?? true,
    version: readVersion(at('version'), options.version ?? 'etag'),
    updatedAt,
    stampsWrites: options.updatedAtBy === 'client' && updatedAt !== null,
    deleted: readOptionalPointer(at('deleted'), options.deleted),
    trustsWriteAnswers: options.writeAnswer !== 'ignored',
    list: list === undefined || list === false ? null : readListSettings(at('list'), list, parent),
  };
  if (settings.list?.feed === 'updated-at' && updatedAt === null) {
    throw invalidOption(at('updatedAt'), 'is needed for the feed updated-at');
  }
  return settings;
}

function parentOf(path: string): string {
  const [place = ''] = path.split('?');
  return place.slice(0, place.lastIndexOf('/')) || '/';
}

function readCreate(
  at: string,
  create: NonNullable<RestCollectionOptions['create']>,
  path: NonNullable<RestCollectionOptions['path']>,
  parent: string | null,
): RestCollection['create'] {
  if (typeof create === 'string') {
    checkOneOf(at, create, ['PUT', 'POST']);
    if (create === 'PUT') return { method: 'PUT', path: pathFiller(path) };
    if (parent === null)
      throw invalidOption(at, 'needs a path where `path` is a function: { method: "POST", path: … }');
    return { method: 'POST', path: pathFiller(parent) };
  }
  checkNames(at, create, { method: true, path: true });
  if (create.method !== 'PUT' && create.method !== 'POST')
    throw invalidOption(`${at}.method`, 'needs one of: PUT, POST');
  checkPath(`${at}.path`, create.path, variables);
  return { method: create.method, path: pathFiller(create.path) };
}

function readVersion(at: string, version: NonNullable<RestCollectionOptions['version']>): RestVersion {
  if (typeof version === 'string') {
    checkOneOf(at, version, ['etag', 'none']);
    return { kind: version };
  }
  checkNames(at, version, { pointer: true, send: true, ordered: true });
  checkOneOf(`${at}.send`, version.send, ['if-match', 'body', 'none']);
  checkOneOf(`${at}.ordered`, version.ordered, [true, false]);
  if (version.ordered === false && version.send === 'body') {
    throw invalidOption(`${at}.send`, 'cannot be body where versions are not ordered: they are kept as texts');
  }
  return {
    kind: 'field',
    tokens: readMemberPointer(`${at}.pointer`, version.pointer),
    send: version.send ?? 'if-match',
    isOrdered: version.ordered ?? true,
  };
}
