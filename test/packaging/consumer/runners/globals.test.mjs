import { registerSuites } from './suites.mjs';

registerSuites();
