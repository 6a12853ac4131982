import { run } from '../../lib';
import { fleet } from './fleet';
import { reference } from './reference';

// Contains only the examples, independent of the environments in main.ts: for their pictures, and for the tests.
run({ reference, fleet });
