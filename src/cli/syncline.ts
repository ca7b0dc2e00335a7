#!/usr/bin/env node
import { SyncError } from '../core/errors.ts';
import { serve } from './serve.ts';
import { usage, UsageError } from './usage.ts';

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = { serve };

async function run([name, ...args]: readonly string[]): Promise<void> {
  if (name === '--help' || name === '-h' || args.includes('--help')) {
    console.log(usage);
    return;
  }
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined)
    throw new UsageError(name === undefined ? 'No command was given.' : `No command "${name}".`);
  await command(args);
}

function explain(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${usage}`);
    return 2;
  }
  console.error(error instanceof SyncError ? `${error.code}: ${error.message}` : error);
  return 1;
}

process.exitCode = await run(process.argv.slice(2)).then(() => 0, explain);
