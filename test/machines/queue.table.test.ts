import { checkTable } from './support/check-table.ts';
import { queueTable } from './tables/queue.table.ts';

checkTable(queueTable);
