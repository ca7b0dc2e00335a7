import { checkTable } from './support/check-table.ts';
import { leadershipTable } from './tables/leadership.table.ts';

checkTable(leadershipTable);
