// Telephone sound in the browser: mu-law (ITU-T G.711), microphone and loudspeaker as audio worklets.

export const FRAME = 160; // samples, and mu-law bytes, of 20 ms at 8 kHz

const BIAS = 0x84;
const CLIP = 32635;

export function encode(samples) {
  const bytes = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    let value = Math.round(Math.max(-1, Math.min(1, samples[i])) * 32767);
    const sign = value < 0 ? 0x80 : 0;
    value = Math.min(Math.abs(value), CLIP) + BIAS;
    const exponent = 31 - Math.clz32(value) - 7;
    bytes[i] = ~(sign | (exponent << 4) | ((value >> (exponent + 3)) & 0x0f));
  }
  return bytes;
}

export function decode(bytes) {
  const samples = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const code = ~bytes[i] & 0xff;
    const magnitude = (((code & 0x0f) << 3) + BIAS << (code >> 4 & 7)) - BIAS;
    samples[i] = (code & 0x80 ? -magnitude : magnitude) / 32768;
  }
  return samples;
}

// Opens loudspeaker and, where it is allowed, microphone. `onFrame` gets mu-law frames, `onLevel` 0 to 1.
// Resolves to { play(bytes), tone(key), close(), microphone: null | why there is none }.
export async function open(onFrame, onLevel) {
  const context = new AudioContext({ latencyHint: "interactive" });
  await context.audioWorklet.addModule(new URL("worklets.js", import.meta.url));
  const speaker = new AudioWorkletNode(context, "speaker", { numberOfInputs: 0, outputChannelCount: [1] });
  speaker.connect(context.destination);
  let tracks = [];
  let trouble = null;
  try {
    if (!navigator.mediaDevices) throw new DOMException("", "SecurityError");
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
    });
    tracks = stream.getTracks();
    const microphone = new AudioWorkletNode(context, "microphone", { numberOfOutputs: 0 });
    microphone.port.onmessage = ({ data }) => {
      onFrame(encode(data));
      onLevel(Math.min(1, Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length) * 5));
    };
    context.createMediaStreamSource(stream).connect(microphone);
  } catch (error) {
    trouble = error.name;
  }
  await context.resume();
  return {
    microphone: trouble,
    play: (bytes) => speaker.port.postMessage(decode(bytes)),
    tone: (key) => tone(context, key),
    close: () => {
      tracks.forEach((track) => track.stop());
      return context.close();
    },
  };
}

// The tone of a key (ITU-T Q.23), quietly, so that one notices having pressed it.
function tone(context, key) {
  const place = "123456789*0#".indexOf(key);
  const gain = new GainNode(context, { gain: 0.04 });
  gain.connect(context.destination);
  for (const frequency of [[697, 770, 852, 941][Math.floor(place / 3)], [1209, 1336, 1477][place % 3]]) {
    const oscillator = new OscillatorNode(context, { frequency });
    oscillator.connect(gain);
    oscillator.start();
    oscillator.stop(context.currentTime + 0.12);
  }
}
