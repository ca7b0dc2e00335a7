import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

/** The public entry points: `docs/api/<name>.api.md` is what users may rely on. */
const entries = {
  syncline: 'src/index',
  crypto: 'src/crypto',
  machines: 'machines/index',
  node: 'src/node/index',
  rest: 'src/rest',
  server: 'src/server/index',
  testing: 'src/testing',
};

const root = fileURLToPath(new URL('../', import.meta.url));
const write = process.argv.includes('--write');

function compareReport(name, entry) {
  const declarations = `${root}dist/${entry}.d.ts`;
  const silent = { default: { logLevel: 'none' } };
  const configObject = {
    projectFolder: root,
    mainEntryPointFilePath: declarations,
    newlineKind: 'lf',
    compiler: {
      overrideTsconfig: {
        compilerOptions: {
          target: 'es2022',
          lib: ['es2023', 'dom', 'dom.iterable', 'esnext.disposable'],
          module: 'nodenext',
          moduleResolution: 'nodenext',
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: true,
          types: ['node'],
        },
        files: [declarations],
      },
    },
    apiReport: {
      enabled: true,
      reportFileName: `${name}.api.md`,
      reportFolder: `${root}docs/api`,
      reportTempFolder: `${root}node_modules/.cache/api`,
      includeForgottenExports: true,
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: {
      compilerMessageReporting: { default: { logLevel: 'error' } },
      extractorMessageReporting: silent,
      tsdocMessageReporting: silent,
    },
  };
  const config = ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: `${root}api-extractor.json`,
    packageJsonFullPath: `${root}package.json`,
  });
  return Extractor.invoke(config, {
    localBuild: write,
    messageCallback(message) {
      message.handled = message.logLevel !== 'error';
    },
  });
}

mkdirSync(`${root}docs/api`, { recursive: true });
for (const [name, entry] of Object.entries(entries)) {
  const { apiReportChanged, succeeded } = compareReport(name, entry);
  if (!write && (apiReportChanged || !succeeded)) {
    console.error(
      `docs/api/${name}.api.md is not what dist/${entry} exports: "npm run api:write", and read the difference.`,
    );
    process.exitCode = 1;
  }
}
