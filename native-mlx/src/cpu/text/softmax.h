// Included by kernel_text.h.

inline V::F exp_of(V::F x) {
  x = V::clamp(x, -87.3f, 88.0f);
  V::F n = V::round(V::mul(x, V::set1(1.44269504f)));
  V::F r = V::fma(n, V::set1(-0.693359375f), x);
  r = V::fma(n, V::set1(2.12194440e-4f), r);
  // Cephes expf: (e^r - 1 - r) / r^2 on |r| <= ln 2 / 2
  V::F p = V::set1(1.9875691500e-4f);
  p = V::fma(p, r, V::set1(1.3981999507e-3f));
  p = V::fma(p, r, V::set1(8.3334519073e-3f));
  p = V::fma(p, r, V::set1(4.1665795894e-2f));
  p = V::fma(p, r, V::set1(1.6666665459e-1f));
  p = V::fma(p, r, V::set1(5.0000001201e-1f));
  p = V::fma(p, V::mul(r, r), V::add(r, V::set1(1.0f)));
  return V::mul(p, V::power_of_two(n));
}

void softmax(float* x, int n, float scale) {
  V::F most = V::set1(x[0]);
  int i = 0;
  for (; i + V::W <= n; i += V::W) most = V::max(most, V::load(x + i));
  float lanes[V::W];
  V::store(lanes, most);
  float largest = lanes[0];
  for (float lane : lanes) largest = lane > largest ? lane : largest;
  for (; i < n; i++) largest = x[i] > largest ? x[i] : largest;
  const V::F factor = V::set1(scale), offset = V::set1(-scale * largest);
  V::F sums = V::zero();
  for (i = 0; i + V::W <= n; i += V::W) {
    V::F e = exp_of(V::fma(V::load(x + i), factor, offset));
    V::store(x + i, e);
    sums = V::add(sums, e);
  }
  float sum = V::sum(sums);
  for (; i < n; i++) {
    V::store(lanes, exp_of(V::set1(scale * (x[i] - largest))));
    x[i] = lanes[0];
    sum += lanes[0];
  }
  const V::F share = V::set1(1 / sum);
  for (i = 0; i + V::W <= n; i += V::W) V::store(x + i, V::mul(V::load(x + i), share));
  for (; i < n; i++) x[i] /= sum;
}
