import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { renderTable } from './support/render-table.ts';
import { authTable } from './tables/auth.table.ts';
import { connectivityTable, connectivityWithoutProbeTable } from './tables/connectivity.table.ts';
import { entityTable } from './tables/entity.table.ts';
import { feedTable } from './tables/feed.table.ts';
import { leadershipTable } from './tables/leadership.table.ts';
import { queueTable } from './tables/queue.table.ts';
import { realTimePollingTable, realTimeTable, realTimeUnsupportedTable } from './tables/real-time.table.ts';
import { sessionTable } from './tables/session.table.ts';
import { syncTable } from './tables/sync.table.ts';

const root = new URL('../../', import.meta.url);
const specFile = fileURLToPath(new URL('machines/SPEC.md', root));
const spec = readFileSync(specFile, 'utf8');

const tables = [
  syncTable,
  connectivityTable,
  connectivityWithoutProbeTable,
  authTable,
  leadershipTable,
  queueTable,
  feedTable,
  realTimeTable,
  realTimePollingTable,
  realTimeUnsupportedTable,
  entityTable,
  sessionTable,
];

const tableSection = /(<!-- tables -->\n)[^]*?(<!-- \/tables -->)/;

describe('machines/SPEC.md', () => {
  test('has the tables that the tests check (vitest -u writes them)', async () => {
    const rendered = tables.map(renderTable).join('\n');
    const expected = spec.replace(tableSection, (_, opening, closing) => `${opening}\n${rendered}\n${closing}`);
    await expect(expected).toMatchFileSnapshot(specFile);
  });

  test('has the rules S1 to S46 in order, once each', () => {
    const ids = [...spec.matchAll(/^- \*\*(S\d+)\*\*/gm)].map(([, id]) => id);
    expect(ids).toEqual(Array.from({ length: 46 }, (_, index) => `S${index + 1}`));
  });

  test('cites tests that exist and wear the id', () => {
    const citations = [...spec.matchAll(/^- (S\d+): (.*)$/gm)].flatMap(([, id, files]) =>
      [...(files ?? '').matchAll(/`([^`]+)`/g)].map(([, file]) => ({
        id,
        file: fileURLToPath(new URL(file ?? '', root)),
      })),
    );
    const stale = citations.filter(
      ({ id, file }) => !existsSync(file) || !new RegExp(`\\b${id}\\b`).test(readFileSync(file, 'utf8')),
    );
    expect(stale).toEqual([]);
  });
});
