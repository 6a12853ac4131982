import { run } from '../../lib';
import { fleet } from './fleet';
import { reference } from './reference';

// The examples alone, whatever environments main.ts has: for their pictures, and for the tests.
run({ reference, fleet });
