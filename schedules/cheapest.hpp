// Which of many ways costs the least.
#pragma once

namespace kiln::schedules {

/// The cheapest of those it is shown, and of nearly equal ones the first.
template <class T>
class cheapest {
public:
    /// One that comes later has to cost less than this share of the cheapest before.
    explicit cheapest(double share = 0.999) : share_(share) {}

    void see(const T& one, double cost) {
        if (least_ != 0 && cost >= least_ * share_) return;
        least_ = cost;
        found_ = one;
    }
    /// A default one where none was seen.
    const T& found() const { return found_; }

private:
    double share_, least_ = 0;
    T found_{};
};

}  // namespace kiln::schedules
