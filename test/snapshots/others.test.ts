import { testSnapshots } from './components';

testSnapshots('others');
