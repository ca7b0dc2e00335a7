import { checkTable } from './support/check-table.ts';
import { feedTable } from './tables/feed.table.ts';

checkTable(feedTable);
