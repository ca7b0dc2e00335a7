import { checkTable } from './support/check-table.ts';
import { authTable } from './tables/auth.table.ts';

checkTable(authTable);
