import { checkTable } from './support/check-table.ts';
import { connectivityTable, connectivityWithoutProbeTable } from './tables/connectivity.table.ts';

checkTable(connectivityTable);
checkTable(connectivityWithoutProbeTable);
