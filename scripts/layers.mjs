/** The vendors that the architecture rations: each may be imported only where a layer lists it. */
const vendors = [
  '@hono/node-server',
  'fast-json-patch',
  'hono',
  'isomorphic-ws',
  'libsql',
  'localforage',
  'rxjs',
  'ws',
  'xstate',
];

const belowActors = [
  'machines',
  'src/core',
  'src/ports',
  'src/store',
  'src/journal',
  'src/outbox',
  'src/feed',
  'src/conflicts',
  'src/adapters',
];

/** The direction of dependencies: what each folder may import besides itself. */
const layers = {
  'src/core': { folders: [], vendors: [] },
  'src/ports': { folders: ['src/core'], vendors: ['rxjs'] },
  'src/store': { folders: ['src/core'], vendors: [] },
  'src/journal': { folders: ['src/core', 'src/ports'], vendors: [] },
  'src/outbox': { folders: ['src/core', 'src/store', 'src/journal'], vendors: [] },
  'src/feed': { folders: ['src/core', 'src/store', 'src/ports'], vendors: ['rxjs'] },
  'src/conflicts': { folders: ['src/core', 'src/store', 'src/journal'], vendors: [] },
  'src/adapters': { folders: ['src/core', 'src/ports'], vendors: ['localforage', 'isomorphic-ws', 'rxjs'] },
  'src/node': { folders: ['src/core', 'src/ports', 'src/adapters'], vendors: [] },
  'src/actors': { folders: belowActors, vendors: ['xstate', 'rxjs'] },
  'src/service': { folders: [...belowActors, 'src/actors'], vendors: ['xstate', 'rxjs'] },
  'src/server': {
    folders: ['machines', 'src/core', 'src/ports'],
    vendors: ['@hono/node-server', 'hono', 'libsql', 'ws', 'xstate'],
  },
  'src/testing': { folders: ['src/core', 'src/ports'], vendors: ['rxjs'] },
  'src/cli': { folders: ['src/core', 'src/server'], vendors: [] },
  machines: { folders: ['src/core'], vendors: ['xstate'] },
};

const onlyFiles = { 'src/core/reference-patch.ts': ['fast-json-patch'] };
const deepest = 3;

const escaped = (text) => text.replace(/[/.@-]/g, '\\$&');

/** The path from a file that lies `depth` folders under `layer` to another folder of the repository, as a regular expression. */
function pathTo(layer, depth, folder) {
  const up = '\\.\\./';
  const levelsToRoot = depth + layer.split('/').length;
  const throughRoot = `(${up}){${levelsToRoot}}${escaped(folder)}(/|\\.|$)`;
  if (!layer.startsWith('src/') || !folder.startsWith('src/')) return `^${throughRoot}`;
  return `^(${throughRoot}|(${up}){${levelsToRoot - 1}}${escaped(folder.slice('src/'.length))}(/|\\.|$))`;
}

function importRule(layer, depth, allowed) {
  const forbiddenFolders = [...Object.keys(layers), 'test', 'visualizations', 'src/index'].filter(
    (folder) => folder !== layer && !allowed.folders.includes(folder),
  );
  const forbiddenVendors = vendors.filter((vendor) => !allowed.vendors.includes(vendor));
  const message = `${layer} may import only: ${[...allowed.folders, ...allowed.vendors].join(', ') || 'nothing'}.`;
  const regexes = [
    ...forbiddenFolders.map((folder) => pathTo(layer, depth, folder)),
    ...forbiddenVendors.map((vendor) => `^${escaped(vendor)}(/|$)`),
  ];
  return ['error', { patterns: regexes.map((regex) => ({ regex, message })) }];
}

const depths = Array.from({ length: deepest }, (_, index) => index + 1);

const directionOverrides = Object.entries(layers).flatMap(([layer, allowed]) =>
  depths.map((depth) => ({
    files: [`${layer}/${'*/'.repeat(depth - 1)}*.ts`],
    rules: { 'no-restricted-imports': importRule(layer, depth - 1, allowed) },
  })),
);

const exceptionOverrides = Object.entries(onlyFiles).map(([file, extra]) => {
  const layer = Object.keys(layers).find((folder) => file.startsWith(`${folder}/`));
  const allowed = layers[layer];
  return {
    files: [file],
    rules: { 'no-restricted-imports': importRule(layer, 0, { ...allowed, vendors: [...allowed.vendors, ...extra] }) },
  };
});

const impureGlobals = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'requestAnimationFrame',
  'fetch',
  'navigator',
  'performance',
  'crypto',
  'localStorage',
  'indexedDB',
  'WebSocket',
  'BroadcastChannel',
  'window',
  'document',
  'process',
];
const pureMessage = 'machines/ and src/core/ are pure: time, chance, network and storage are injected.';

const purityOverride = {
  files: ['machines/**/*.ts', 'src/core/**/*.ts'],
  rules: {
    'no-restricted-globals': [
      'error',
      { globals: impureGlobals.map((name) => ({ name, message: pureMessage })), checkGlobalObject: true },
    ],
    'no-restricted-properties': [
      'error',
      { object: 'Date', property: 'now', message: pureMessage },
      { object: 'Math', property: 'random', message: pureMessage },
    ],
  },
};

/** Linter overrides that enforce the direction of imports and the purity of `machines/` and `src/core/`. */
export const layerOverrides = [...directionOverrides, ...exceptionOverrides, purityOverride];
