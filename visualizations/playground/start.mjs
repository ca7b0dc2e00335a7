import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { buildWhatIsStale } from './build.mjs';
import { PlainError } from './plain-error.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const usage = 'Usage: npm start [-- --database FILE], with PORT in the environment for a port of your choice.';

function readOptions() {
  try {
    const { values } = parseArgs({ options: { database: { type: 'string' } } });
    return { database: values.database ?? `${root}.syncline/playground.db`, port: readPort(process.env['PORT']) };
  } catch (error) {
    if (error instanceof PlainError) throw error;
    throw new PlainError(`${error.message}\n${usage}`);
  }
}

function readPort(text) {
  if (text === undefined || text === '') return null;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw new PlainError(`PORT must be a number from 0 to 65535, not '${text}'.`);
  }
  return Number(text);
}

try {
  const options = readOptions();
  await buildWhatIsStale(root);
  const { servePlayground } = await import('./serve.mjs');
  const playground = await servePlayground({ ...options, page: fileURLToPath(new URL('./dist/', import.meta.url)) });
  console.log(playground.url);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void playground.close());
} catch (error) {
  if (!(error instanceof PlainError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
