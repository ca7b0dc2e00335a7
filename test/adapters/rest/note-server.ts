import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { createSyncService, type CollectionOptions, type ISyncService } from '../../../src/index.ts';
import { createFileStorage } from '../../../src/node/index.ts';
import { createRestApiClient, type RestApiClientOptions } from '../../../src/rest.ts';
import { createOnlineSwitch, type OnlineSwitch } from './online-switch.ts';
import type { RealServer } from './real-servers.ts';

interface Note {
  id: string;
  title: string;
  body?: string;
}

export type NoteService = ISyncService<{ notes: Note }>;

/** A real server of notes, new for each test, and services on it. */
export interface NoteServer {
  readonly url: string;
  /** A service that keeps its data in files: one that is started again under a name finds what is there. Closed after the test. */
  start(name: string, options: Omit<RestApiClientOptions, 'baseUrl'>, online?: OnlineSwitch): NoteService;
}

/** Starts a server before each test of the file, and ends it with all services afterwards. */
export function serveNotes(startServer: () => Promise<RealServer>, notes: CollectionOptions = {}): NoteServer {
  let server: RealServer;
  let directory: string;
  const open: NoteService[] = [];

  beforeEach(async () => {
    server = await startServer();
    directory = await mkdtemp(join(tmpdir(), 'rest-'));
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((service) => service.close()));
    await server.close();
    await rm(directory, { recursive: true });
  });

  return {
    get url() {
      return server.url;
    },
    start(name, options, online = createOnlineSwitch(true)) {
      const apiClient = createRestApiClient({ baseUrl: server.url, ...options });
      const service = createSyncService<{ notes: Note }>(apiClient, {
        storage: createFileStorage(join(directory, name)),
        environment: { network: online.network },
        retry: { baseMs: 1, maxMs: 20 },
        collections: { notes },
      });
      open.push(service);
      return service;
    },
  };
}

/** Id and title of what the service shows. */
export function titlesOf(service: NoteService): readonly (readonly [string, string])[] {
  const notes = service.collection('notes').list();
  return notes.map(({ id, title }) => [id, title] as const);
}
