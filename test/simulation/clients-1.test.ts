import { describeHalf } from './clients.ts';

describeHalf(0);
