import { run } from '../../lib';
import { fleet } from './fleet';
import { reference } from './reference';

// The pictures of the documentation and the tests use these examples, independent of the environments in main.ts.
run({ reference, fleet });
