import { checkTable } from './support/check-table.ts';
import { syncTable } from './tables/sync.table.ts';

checkTable(syncTable);
