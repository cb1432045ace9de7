// Both ends of the line as audio worklets: the microphone's rate down to 8 kHz, and 8 kHz up to the loudspeaker's.

const RATE = 8000;
const FRAME = 160;
const HALF = 12; // zero crossings of the windowed sinc on either side
const CUTOFF = 3600; // Hz: below half of 8 kHz, above the telephone's 3400 Hz

// Band-limited interpolation of a stream (a Hann-windowed sinc): `push` takes samples at `from` Hz and
// calls `emit` with samples at `to` Hz.
class Resampler {
  constructor(from, to, emit) {
    this.step = from / to;
    this.cutoff = (2 * CUTOFF) / from;
    this.width = Math.ceil(HALF / this.cutoff);
    this.emit = emit;
    this.history = new Float32Array(0);
    this.position = this.width;
  }

  push(samples) {
    const joined = new Float32Array(this.history.length + samples.length);
    joined.set(this.history);
    joined.set(samples, this.history.length);
    while (this.position + this.width < joined.length) {
      this.emit(this.at(joined, this.position));
      this.position += this.step;
    }
    const done = Math.max(0, Math.floor(this.position) - this.width);
    this.history = joined.slice(done);
    this.position -= done;
  }

  at(samples, position) {
    let sum = 0;
    const first = Math.ceil(position - this.width);
    for (let i = Math.max(0, first); i <= position + this.width && i < samples.length; i++) {
      const x = (i - position) * this.cutoff;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
      sum += samples[i] * sinc * (0.5 + 0.5 * Math.cos((Math.PI * (i - position)) / this.width));
    }
    return sum * this.cutoff;
  }
}

class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.frame = new Float32Array(FRAME);
    this.filled = 0;
    this.resampler = new Resampler(sampleRate, RATE, (sample) => {
      this.frame[this.filled++] = sample;
      if (this.filled === FRAME) {
        this.port.postMessage(this.frame.slice());
        this.filled = 0;
      }
    });
  }

  process([input]) {
    if (input.length) this.resampler.push(input[0]);
    return true;
  }
}

// Plays what arrives, after collecting 80 ms once, so that uneven arrival is not heard; more than 600 ms
// are cut back, so that the line does not lag.
class Speaker extends AudioWorkletProcessor {
  constructor() {
    super();
    this.queue = [];
    this.playing = false;
    const scale = sampleRate / RATE;
    this.resampler = new Resampler(RATE, sampleRate, (sample) => this.queue.push(sample * 1));
    this.least = 0.08 * RATE * scale;
    this.most = 0.6 * RATE * scale;
    this.port.onmessage = ({ data }) => {
      this.resampler.push(data);
      if (this.queue.length > this.most) this.queue.splice(0, this.queue.length - this.least);
    };
  }

  process(_inputs, [output]) {
    const out = output[0];
    if (!this.playing && this.queue.length >= this.least) this.playing = true;
    if (this.playing) {
      out.set(this.queue.splice(0, out.length));
      if (!this.queue.length) this.playing = false;
    }
    return true;
  }
}

registerProcessor("microphone", Microphone);
registerProcessor("speaker", Speaker);
