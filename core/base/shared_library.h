// A shared library that is loaded when it is first needed, and its functions by their names.
#pragma once

#include <string>

namespace ktrain {

// Stays loaded as long as the process. Errors: Error{failed} with the hint where the library, or a function that is
// asked for, is not on this machine.
class SharedLibrary {
public:
    SharedLibrary(std::string name, std::string hint);

    // Takes the type of whatever it is assigned to.
    class Function {
    public:
        explicit Function(void* address) : address_(address) {}
        template <typename Type>
        operator Type*() const {
            return reinterpret_cast<Type*>(address_);
        }

    private:
        void* address_;
    };

    Function operator[](const char* function) const;

private:
    [[noreturn]] void refuse() const;

    std::string name_, hint_;
    void* library_;
};

}  // namespace ktrain
