// ReLU(batch normalisation) of a training step, with the 2×2 max-pool where one follows: two passes over memory forward and two
// backward. What lies between (the normalised values, which of a square is the largest) is computed again where it is needed.
//
// Sums run over rows in a fixed order, so the result does not depend on the number of threads.

#include <algorithm>
#include <cmath>

#include "parallel.h"
#include "registration.h"
#include "cApi.h"
#include "vector.h"

namespace clapper {
namespace {

constexpr int64_t kParts = 64;  // of the work, whatever the number of threads

/** `[B, H, W, C]` of the input, and H × W of the output. */
struct Geometry {
  Geometry(const std::vector<int64_t> &shape, bool pool)
      : batch(shape[0]),
        rows(shape[1]),
        columns(shape[2]),
        channels(shape[3]),
        pool(pool),
        out_rows(pool ? rows / 2 : rows),
        out_columns(pool ? columns / 2 : columns) {}

  int64_t batch, rows, columns, channels;
  bool pool;
  int64_t out_rows, out_columns;

  int64_t Pixels() const { return batch * rows * columns; }
  int64_t RowSize() const { return columns * channels; }
  int64_t OutRowSize() const { return out_columns * channels; }
  int64_t OutRows() const { return batch * out_rows; }
  /** Where the input of an output row begins. */
  int64_t InputOf(int64_t out_row) const {
    return (pool ? out_row / out_rows * rows + out_row % out_rows * 2 : out_row) * RowSize();
  }
};

/** Runs `work(row)` for all rows; neighbours on one thread, the last first where the reader before ended with them. */
template <typename Work>
void ForRows(int64_t rows, const Work &work) {
  const int64_t parts = std::min(kParts, rows);
  ParallelFor(parts, [&](int64_t part) {
    for (int64_t row = rows * (part + 1) / parts; row-- > rows * part / parts;) work(row);
  });
}

/** Sums of two quantities by channel. */
struct Sums {
  explicit Sums(int64_t channels) : first(channels), second(channels) {}
  std::vector<double> first, second;
};

/** @param add `(row, first, second)` adds a row's sums, which it has in floats. */
template <typename Add>
Sums SumRows(int64_t rows, int64_t channels, const Add &add) {
  const int64_t parts = std::clamp<int64_t>(rows, 1, kParts);
  std::vector<Sums> sums(parts, Sums(channels));
  ParallelFor(parts, [&](int64_t part) {
    double *first = sums[part].first.data(), *second = sums[part].second.data();
    for (int64_t row = rows * part / parts; row < rows * (part + 1) / parts; row++) add(row, first, second);
  });
  for (int64_t part = 1; part < parts; part++) {
    for (int64_t c = 0; c < channels; c++) {
      sums[0].first[c] += sums[part].first[c];
      sums[0].second[c] += sums[part].second[c];
    }
  }
  return sums[0];
}

template <typename V>
void AddTo(double *sums, V values) {
  float each[sizeof(V) / sizeof(float)];
  Store(each, values);
  for (float value : each) *sums++ += value;
}

/** Normalised = x · scale + offset. */
struct Normalisation {
  Normalisation(const float *gamma, const float *beta, const float *mean, const float *inverse_deviation, int64_t channels)
      : scale(channels), offset(channels) {
    for (int64_t c = 0; c < channels; c++) {
      scale[c] = gamma[c] * inverse_deviation[c];
      offset[c] = beta[c] - mean[c] * scale[c];
    }
  }
  std::vector<float> scale, offset;
};

/** The four values of a 2×2 square, for some channels, and what normalisation makes of them. */
template <typename V>
struct Square {
  Square(const float *x, int64_t channels, int64_t row_size, V scale, V offset)
      : x0(Load<V>(x)),
        x1(Load<V>(x + channels)),
        x2(Load<V>(x + row_size)),
        x3(Load<V>(x + row_size + channels)),
        n0(x0 * scale + offset),
        n1(x1 * scale + offset),
        n2(x2 * scale + offset),
        n3(x3 * scale + offset),
        largest(Max(Max(n0, n1), Max(n2, n3))) {}
  V x0, x1, x2, x3, n0, n1, n2, n3, largest;
};

struct Settings {
  float epsilon = 0, momentum = 0;
  unsigned char pool = 0;
};

void Forward(void *kernel, TF_OpKernelContext *context) {
  const Settings &settings = *static_cast<Settings *>(kernel);
  Arguments arguments(context);
  const Geometry g(arguments.Shape(0), settings.pool);
  const int64_t channels = g.channels, row_size = g.RowSize();
  const float *x = arguments.Input(0), *gamma = arguments.Input(1), *beta = arguments.Input(2);
  const float *old_mean = arguments.Input(3), *old_variance = arguments.Input(4);
  float *y = arguments.Output(0, {g.batch, g.out_rows, g.out_columns, channels});
  float *mean = arguments.Output(1, {channels}), *inverse_deviation = arguments.Output(2, {channels});
  float *new_mean = arguments.Output(3, {channels}), *new_variance = arguments.Output(4, {channels});
  if (!arguments.ok()) return;

  // Of differences from a value near the mean: nothing is lost where the mean is large beside the deviation.
  const float *pivot = x;
  const Sums sums = SumRows(g.batch * g.rows, channels, [&](int64_t row, double *differences, double *squares) {
    ForChannels(channels, [&](auto v, int64_t c) {
      using V = decltype(v);
      const V origin = Load<V>(pivot + c);
      V sum{}, square{};
      const float *end = x + (row + 1) * row_size + c;
      for (const float *at = x + row * row_size + c; at < end; at += channels) {
        const V difference = Load<V>(at) - origin;
        sum += difference;
        square += difference * difference;
      }
      AddTo(differences + c, sum);
      AddTo(squares + c, square);
    });
  });
  const double count = static_cast<double>(g.Pixels());
  for (int64_t c = 0; c < channels; c++) {
    const double shift = sums.first[c] / count;
    const double variance = std::max(0.0, sums.second[c] / count - shift * shift);
    const double unbiased = variance * count / std::max(1.0, count - 1);
    mean[c] = static_cast<float>(pivot[c] + shift);
    inverse_deviation[c] = static_cast<float>(1 / std::sqrt(variance + settings.epsilon));
    new_mean[c] = settings.momentum * old_mean[c] + (1 - settings.momentum) * mean[c];
    new_variance[c] = settings.momentum * old_variance[c] + (1 - settings.momentum) * static_cast<float>(unbiased);
  }

  const Normalisation normalisation(gamma, beta, mean, inverse_deviation, channels);
  ForRows(g.OutRows(), [&](int64_t row) {
    ForChannels(channels, [&](auto v, int64_t c) {
      using V = decltype(v);
      const V scale = Load<V>(&normalisation.scale[c]), offset = Load<V>(&normalisation.offset[c]);
      const float *in = x + g.InputOf(row) + c;
      float *out = y + row * g.OutRowSize() + c;
      float *const end = out + g.OutRowSize();
      if (g.pool) {
        for (; out < end; in += 2 * channels, out += channels) {
          Store(out, Relu(Square<V>(in, channels, row_size, scale, offset).largest));
        }
      } else {
        for (; out < end; in += channels, out += channels) Store(out, Relu(Load<V>(in) * scale + offset));
      }
    });
  });
}

void Backward(void *kernel, TF_OpKernelContext *context) {
  Arguments arguments(context);
  const Geometry g(arguments.Shape(1), static_cast<Settings *>(kernel)->pool);
  const int64_t channels = g.channels, row_size = g.RowSize();
  const float *gradient = arguments.Input(0), *x = arguments.Input(1), *gamma = arguments.Input(2);
  const float *beta = arguments.Input(3), *mean = arguments.Input(4), *inverse_deviation = arguments.Input(5);
  float *x_gradient = arguments.Output(0, arguments.Shape(1));
  float *gamma_gradient = arguments.Output(1, {channels}), *beta_gradient = arguments.Output(2, {channels});
  if (!arguments.ok()) return;

  // The gradient passes where the output is above zero: to the first of a square's largest.
  const Normalisation normalisation(gamma, beta, mean, inverse_deviation, channels);
  const Sums sums = SumRows(g.OutRows(), channels, [&](int64_t row, double *passed, double *products) {
    ForChannels(channels, [&](auto v, int64_t c) {
      using V = decltype(v);
      const V scale = Load<V>(&normalisation.scale[c]), offset = Load<V>(&normalisation.offset[c]);
      const V centre = Load<V>(mean + c);
      V sum{}, product{};
      const float *in = x + g.InputOf(row) + c, *from = gradient + row * g.OutRowSize() + c;
      const float *const end = from + g.OutRowSize();
      if (g.pool) {
        for (; from < end; in += 2 * channels, from += channels) {
          const Square<V> s(in, channels, row_size, scale, offset);
          const V value = s.largest > V{} ? Load<V>(from) : V{};
          const V at = s.n0 == s.largest ? s.x0 : s.n1 == s.largest ? s.x1 : s.n2 == s.largest ? s.x2 : s.x3;
          sum += value;
          product += value * (at - centre);
        }
      } else {
        for (; from < end; in += channels, from += channels) {
          const V at = Load<V>(in);
          const V value = at * scale + offset > V{} ? Load<V>(from) : V{};
          sum += value;
          product += value * (at - centre);
        }
      }
      AddTo(passed + c, sum);
      AddTo(products + c, product);
    });
  });

  // Every input also moves mean and deviation: x · slope + constant.
  std::vector<float> slopes(channels), constants(channels);
  const double count = static_cast<double>(g.Pixels());
  for (int64_t c = 0; c < channels; c++) {
    const double scale = normalisation.scale[c], inverse = inverse_deviation[c];
    const double slope = -scale * inverse * inverse * sums.second[c] / count;
    gamma_gradient[c] = static_cast<float>(sums.second[c] * inverse);
    beta_gradient[c] = static_cast<float>(sums.first[c]);
    slopes[c] = static_cast<float>(slope);
    constants[c] = static_cast<float>(-scale * sums.first[c] / count - slope * mean[c]);
  }

  ForRows(g.OutRows(), [&](int64_t row) {
    ForChannels(channels, [&](auto v, int64_t c) {
      using V = decltype(v);
      const V scale = Load<V>(&normalisation.scale[c]), offset = Load<V>(&normalisation.offset[c]);
      const V slope = Load<V>(&slopes[c]), constant = Load<V>(&constants[c]);
      const float *in = x + g.InputOf(row) + c, *from = gradient + row * g.OutRowSize() + c;
      float *out = x_gradient + g.InputOf(row) + c;
      const float *const end = from + g.OutRowSize();
      if (!g.pool) {
        for (; from < end; in += channels, from += channels, out += channels) {
          const V at = Load<V>(in);
          const V value = at * scale + offset > V{} ? Load<V>(from) * scale : V{};
          Store(out, value + (at * slope + constant));
        }
        return;
      }
      for (; from < end; in += 2 * channels, from += channels, out += 2 * channels) {
        const Square<V> s(in, channels, row_size, scale, offset);
        V rest = s.largest > V{} ? Load<V>(from) * scale : V{};
        const auto give = [&](float *to, V at, V normalised) {
          const V value = normalised == s.largest ? rest : V{};
          rest -= value;
          Store(to, value + (at * slope + constant));
        };
        give(out, s.x0, s.n0);
        give(out + channels, s.x1, s.n1);
        give(out + row_size, s.x2, s.n2);
        give(out + row_size + channels, s.x3, s.n3);
      }
      const auto spread = [&](int64_t start, int64_t pixels) {  // what is in no square
        for (int64_t i = g.InputOf(row) + start + c; pixels-- > 0; i += channels) {
          Store(x_gradient + i, Load<V>(x + i) * slope + constant);
        }
      };
      if (g.columns % 2 == 1) {
        spread(row_size - channels, 1);
        spread(2 * row_size - channels, 1);
      }
      if (g.rows % 2 == 1 && row % g.out_rows == g.out_rows - 1) spread(2 * row_size, g.columns);
    });
  });
}

void *CreateForward(TF_OpKernelConstruction *construction) {
  auto *settings = new Settings;
  Status status;
  TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &settings->epsilon, status);
  TF_OpKernelConstruction_GetAttrFloat(construction, "momentum", &settings->momentum, status);
  TF_OpKernelConstruction_GetAttrBool(construction, "pool", &settings->pool, status);
  return settings;
}

void *CreateBackward(TF_OpKernelConstruction *construction) {
  auto *settings = new Settings;
  Status status;
  TF_OpKernelConstruction_GetAttrBool(construction, "pool", &settings->pool, status);
  return settings;
}

void Destroy(void *kernel) { delete static_cast<Settings *>(kernel); }

}  // namespace

std::vector<Operator> BatchNormReluOperators() {
  return {{"ClapperBatchNormRelu",
           {"x: float", "gamma: float", "beta: float", "moving_mean: float", "moving_variance: float"},
           {"y: float", "mean: float", "inverse_deviation: float", "new_moving_mean: float",
            "new_moving_variance: float"},
           {"epsilon: float", "momentum: float", "pool: bool"},
           CreateForward,
           Forward,
           Destroy},
          {"ClapperBatchNormReluGrad",
           {"gradient: float", "x: float", "gamma: float", "beta: float", "mean: float", "inverse_deviation: float"},
           {"x_gradient: float", "gamma_gradient: float", "beta_gradient: float"},
           {"pool: bool"},
           CreateBackward,
           Backward,
           Destroy}};
}

}  // namespace clapper
