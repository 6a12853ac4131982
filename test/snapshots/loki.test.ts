import { testSnapshots } from './components';

testSnapshots('loki');
