import { describe, it } from 'node:test';
import { registerSuites } from './suites.mjs';

registerSuites({ describe, it });
