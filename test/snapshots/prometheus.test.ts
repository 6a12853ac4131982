import { testSnapshots } from './components';

testSnapshots('prometheus');
