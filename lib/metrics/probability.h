// Distribution functions of the laws that intervals and tests rest on. Pure functions.
#pragma once

namespace llmdyno {

// The regularized incomplete beta function I_x(a, b). Needs a > 0, b > 0; x is clamped to [0, 1].
double RegularizedBeta(double x, double a, double b);

// P(at most k successes of n), each with probability p. n and k may be fractions (a sample that is worth so
// many independent ones); below 0 it is 0, from n on 1.
double BinomialCdf(double k, double n, double p);

double NormalCdf(double z);
// Needs 0 < p < 1.
double NormalQuantile(double p);

// Of Student's t; `degrees` > 0 may be a fraction.
double StudentCdf(double t, double degrees);
// Needs 0 < p < 1.
double StudentQuantile(double p, double degrees);
// P(|T| >= |t|).
double StudentTwoSided(double t, double degrees);

}  // namespace llmdyno
