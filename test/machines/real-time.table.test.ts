import { checkTable } from './support/check-table.ts';
import { realTimeTable, realTimePollingTable, realTimeUnsupportedTable } from './tables/real-time.table.ts';

checkTable(realTimeTable);
checkTable(realTimePollingTable);
checkTable(realTimeUnsupportedTable);
