import fc from 'fast-check';

/** Every run draws the same values, so that a change is judged by what it changes; `SYNCLINE_SEED` draws others. */
fc.configureGlobal({ seed: Number(process.env['SYNCLINE_SEED'] ?? 20_261_122) });
