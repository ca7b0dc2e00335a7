import { checkTable } from './support/check-table.ts';
import { entityTable } from './tables/entity.table.ts';

checkTable(entityTable);
