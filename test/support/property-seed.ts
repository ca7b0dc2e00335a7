import fc from 'fast-check';
import { askedNumber } from './asked-number.ts';

/** Every run draws the same values, so that a change is judged by what it changes; `SYNCLINE_SEED` draws others. */
fc.configureGlobal({ seed: askedNumber('SYNCLINE_SEED', 20_261_122, Number.MIN_SAFE_INTEGER) });
