import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const start = fileURLToPath(new URL('../../visualizations/playground/start.mjs', import.meta.url));

export interface PlaygroundProcess {
  /** Null when it ended without an address. */
  readonly url: string | null;
  /** What it has printed, line by line, errors included. */
  readonly lines: readonly string[];
  /** Sends a signal and resolves with the exit code once the process has ended. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Does what `npm start` does, and resolves as soon as the address is printed or the process has ended. */
export async function startPlayground(
  args: readonly string[],
  env: Record<string, string>,
): Promise<PlaygroundProcess> {
  const child = spawn(process.execPath, [start, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const lines: string[] = [];
  const address = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        lines.push(line);
        if (/^http:\/\/localhost:\d+\/$/.test(line)) resolve(line);
      });
    }
  });
  const url = await Promise.race([address, closed.then(() => null)]);
  return {
    url,
    lines,
    async end(signal = 'SIGINT') {
      child.kill(signal);
      await closed;
      return child.exitCode;
    },
  };
}
