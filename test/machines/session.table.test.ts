import { checkTable } from './support/check-table.ts';
import { sessionTable } from './tables/session.table.ts';

checkTable(sessionTable);
