import { describeHalf } from './clients.table.ts';

describeHalf(1);
